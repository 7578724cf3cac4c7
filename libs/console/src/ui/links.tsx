import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

type Own<Props> = Props & Omit<ComponentPropsWithRef<'a'>, keyof Props>;

/** A link of the router that looks like a button. */
export const ButtonLink = createLink((props: Own<ButtonProps>) => <Button component="a" {...props} />);

/** A link of the router in running text. */
export const TextLink = createLink((props: Own<AnchorProps>) => <Anchor {...props} />);

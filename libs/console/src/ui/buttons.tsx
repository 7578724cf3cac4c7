import { Anchor, type AnchorProps, Button, type ButtonProps, Loader } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef, MouseEvent } from 'react';
import classes from './ui.module.css';

interface BusyButtonProps
  extends Omit<ButtonProps, 'loading' | 'classNames'>, Omit<ComponentPropsWithRef<'button'>, keyof ButtonProps> {
  /** While its work is running: clicks do nothing, and it keeps the focus, which a disabled button loses. */
  readonly isBusy: boolean;
}

/** A button for work that takes a while. */
export function BusyButton({ isBusy, onClick, children, 'aria-disabled': isDisabled, ...props }: BusyButtonProps) {
  const click = (event: MouseEvent<HTMLButtonElement>) => {
    if (isBusy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <Button
      {...props}
      classNames={{ root: classes.busyButton, section: classes.busySection }}
      aria-disabled={isBusy || isDisabled}
      data-busy={isBusy}
      onClick={click}
    >
      {isBusy && (
        <span className={classes.busyLoader} aria-hidden>
          <Loader size={16} color="currentColor" />
        </span>
      )}
      <span className={classes.busyText}>{children}</span>
    </Button>
  );
}

type Own<Props> = Props & Omit<ComponentPropsWithRef<'a'>, keyof Props>;

/** A link of the router that looks like a button. */
export const ButtonLink = createLink((props: Own<ButtonProps>) => <Button component="a" {...props} />);

/** A link of the router in running text. */
export const TextLink = createLink((props: Own<AnchorProps>) => <Anchor {...props} />);

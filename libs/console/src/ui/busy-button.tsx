import { Button, type ButtonProps, Loader } from '@mantine/core';
import type { ComponentPropsWithRef, MouseEvent } from 'react';
import classes from './busy-button.module.css';

export interface BusyButtonProps
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
    <Button {...props} classNames={classes} aria-disabled={isBusy || isDisabled} data-busy={isBusy} onClick={click}>
      {isBusy && (
        <span className={classes.loader} aria-hidden>
          <Loader size={16} color="currentColor" />
        </span>
      )}
      <span className={classes.text}>{children}</span>
    </Button>
  );
}

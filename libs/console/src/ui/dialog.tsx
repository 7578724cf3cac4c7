import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useEffectEvent } from 'react';

/** The functions that close the open dialogs, the uppermost last. */
const opened: (() => void)[] = [];

// Each of Mantine's dialogs listens to Escape itself, so that one key would close all of them. This listener runs before
// theirs, because it is added before any dialog is open, and closes only the uppermost one.
window.addEventListener(
  'keydown',
  (event) => {
    if (event.key !== 'Escape' || event.isComposing || opened.length < 2) return;
    event.stopImmediatePropagation();
    opened.at(-1)?.();
  },
  { capture: true },
);

/** Has Escape close this before what is below it. */
export function useEscape(isOpen: boolean, close: () => void): void {
  const closeNow = useEffectEvent(close);
  useEffect(() => {
    if (!isOpen) return undefined;
    const entry = () => closeNow();
    opened.push(entry);
    return () => void opened.splice(opened.indexOf(entry), 1);
  }, [isOpen]);
}

/** A dialog over the page or over another dialog. Escape closes only the uppermost one. */
export function Dialog({ closeOnEscape = true, ...props }: ModalProps) {
  const { opened, onClose } = props;
  useEscape(opened, () => closeOnEscape && onClose());
  return <Modal {...props} closeOnEscape={closeOnEscape} />;
}

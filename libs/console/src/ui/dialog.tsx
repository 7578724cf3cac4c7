import { Modal, type ModalProps } from '@mantine/core';
import { useEscape } from './use-escape.ts';

/** Stands over the page, or over another dialog, which Escape then leaves alone. */
export function Dialog({ closeOnEscape = true, ...props }: ModalProps) {
  const { opened, onClose } = props;
  useEscape(opened, () => closeOnEscape && onClose());
  return <Modal {...props} closeOnEscape={closeOnEscape} />;
}

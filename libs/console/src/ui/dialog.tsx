import { Modal, type ModalProps } from '@mantine/core';
import { useEscape } from './use-escape.ts';

/** A dialog over the page or over another dialog. Escape closes only the uppermost one. */
export function Dialog({ closeOnEscape = true, ...props }: ModalProps) {
  const { opened, onClose } = props;
  useEscape(opened, () => closeOnEscape && onClose());
  return <Modal {...props} closeOnEscape={closeOnEscape} />;
}

import { Drawer } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useEscape } from './dialog.tsx';
import classes from './ui.module.css';

interface DetailDrawerProps {
  readonly title: string;
  /** The item that is open; undefined while none is. */
  readonly itemId: string | undefined;
  readonly onClose: () => void;
  /** Returns the focus to the row of the item that was open. */
  readonly focusRow: (itemId: string) => void;
  /** The details of an item. */
  readonly children: (itemId: string) => ReactNode;
}

/** One item of a list beside the list; closing it returns the focus to its row. */
export function DetailDrawer({ title, itemId, onClose, focusRow, children }: DetailDrawerProps) {
  // Shown while the drawer slides away.
  const [last, setLast] = useState(itemId);
  if (itemId !== undefined && itemId !== last) setLast(itemId);
  useEscape(itemId !== undefined, onClose);
  return (
    <Drawer
      opened={itemId !== undefined}
      onClose={onClose}
      title={title}
      position="right"
      size="lg"
      classNames={{ body: classes.drawerBody }}
      returnFocus={false}
      onExitTransitionEnd={() => last !== undefined && focusRow(last)}
    >
      {last !== undefined && children(last)}
    </Drawer>
  );
}

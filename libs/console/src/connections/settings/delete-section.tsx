import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Connection } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { DeleteDialog } from '../delete/delete-dialog.tsx';
import classes from './delete-section.module.css';

export interface DeleteSectionProps {
  readonly connection: Connection;
  readonly onDeleted: () => void;
}

/** The section with the button that deletes the connection. */
export function DeleteSection({ connection, onDeleted }: DeleteSectionProps) {
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <Card
      title="Delete this connection"
      description="It can no longer send. A connection in use by an active campaign or journey can’t be deleted."
    >
      <Button variant="default" className={classes.button} onClick={dialog.open}>
        Delete connection…
      </Button>
      <DeleteDialog connection={connection} opened={isOpen} onClose={dialog.close} onDeleted={onDeleted} />
    </Card>
  );
}

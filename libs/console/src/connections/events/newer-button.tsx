import { IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import { BusyButton } from '../../ui/busy-button.tsx';
import classes from './newer-button.module.css';

export interface NewerButtonProps {
  readonly onClick: () => Promise<void>;
}

/** Loads newer events when too many arrived to insert them above the rows that are being read. */
export function NewerButton({ onClick }: NewerButtonProps) {
  const [isBusy, setBusy] = useState(false);
  const click = async () => {
    setBusy(true);
    try {
      await onClick();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes.place}>
      <BusyButton
        size="xs"
        radius="xl"
        isBusy={isBusy}
        leftSection={<IconArrowUp size={14} aria-hidden />}
        onClick={() => void click()}
      >
        Show newer events
      </BusyButton>
    </div>
  );
}

import { Button, Group, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import type { Connection, Vendor } from '../../api/types.ts';
import { Fact, Facts } from '../../ui/fact.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import classes from './conflict-notice.module.css';
import { differences } from './differences.ts';

export interface ConflictNoticeProps {
  readonly vendor: Vendor;
  /** What the form began with. */
  readonly before: Connection;
  /** What somebody else made of it. */
  readonly theirs: Connection;
  /** The paths of what was changed here. */
  readonly mine: ReadonlySet<string>;
  readonly onKeepMine: () => void;
  readonly onDiscardMine: () => void;
}

/** Says that somebody else was faster, and what he changed; nothing that was typed here is lost by it. */
export function ConflictNotice({ vendor, before, theirs, mine, onKeepMine, onDiscardMine }: ConflictNoticeProps) {
  const changes = differences(vendor, before, theirs);
  return (
    <section className={classes.notice} aria-labelledby="conflict" role="alert">
      <IconUsers size={18} aria-hidden className={classes.icon} />
      <div className={classes.content}>
        <Text id="conflict" fw={600} size="sm">
          This connection was changed meanwhile
        </Text>
        <Text size="sm" mb="sm">
          Another version was saved <RelativeTime at={theirs.updatedAt} />. What you typed is still below, and is not
          saved.
        </Text>
        {changes.length > 0 && (
          <Facts>
            {changes.map(({ path, label, value }) => (
              <Fact key={path} name={label}>
                {value}
                {mine.has(path) && (
                  <span className={classes.both}> · you changed it too: yours would replace this</span>
                )}
              </Fact>
            ))}
          </Facts>
        )}
        <Group gap="xs" mt="md">
          <Button size="xs" onClick={onKeepMine}>
            Go on with theirs and my changes
          </Button>
          <Button size="xs" variant="default" onClick={onDiscardMine}>
            Discard my changes
          </Button>
        </Group>
      </div>
    </section>
  );
}

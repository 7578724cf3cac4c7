import { Button, Group, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Problem } from '../../api/problem.ts';
import type { Connection, ProblemFault, Vendor } from '../../api/types.ts';
import { Fact, Facts } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { initialValues } from './form-values.ts';
import classes from './form.module.css';
import { changedPaths, differences, faultsIn, placeFaults } from './places.ts';
import type { ConnectionForm } from './use-connection-form.ts';

interface FormNoticesProps {
  readonly vendor: Vendor;
  readonly connectionForm: ConnectionForm;
  /** The version that another user saved, if it conflicts with the changes made here. */
  readonly theirs: Connection | undefined;
  readonly error: Error | null;
  readonly onRetry: () => void;
  readonly onKeepMine: (theirs: Connection) => void;
  readonly onDiscardMine: (theirs: Connection) => void;
}

/** Why the form could not be saved, except for errors shown at fields. It scrolls into view. */
export function FormNotices(props: FormNoticesProps) {
  const { vendor, connectionForm, theirs, error, onRetry, onKeepMine, onDiscardMine } = props;
  const { form, base, shown } = connectionForm;
  const place = useRef<HTMLDivElement>(null);
  const { others, atFields } = placeFaults(faultsIn(error), shown);
  const isAtFields = others.length === 0 && Object.keys(atFields).length > 0;
  const problem = error instanceof Problem ? error : undefined;
  const isConflict = problem?.status === 412;
  const isSignedOut = problem?.status === 401;

  // The notices are at the top of the form, the button that saves it is at the bottom of the window.
  useEffect(() => {
    if (error === null || isAtFields) return;
    place.current?.scrollIntoView({ block: 'center' });
    place.current?.focus({ preventScroll: true });
  }, [error, isAtFields]);

  return (
    <div ref={place} tabIndex={-1} className={classes.notices}>
      {theirs !== undefined && base !== undefined && (
        <ConflictNotice
          vendor={vendor}
          before={base}
          theirs={theirs}
          mine={changedPaths(initialValues(vendor, base), form.values)}
          onKeepMine={() => onKeepMine(theirs)}
          onDiscardMine={() => onDiscardMine(theirs)}
        />
      )}
      {isSignedOut && (
        <Text size="sm" role="alert" className={classes.callout}>
          Your session ended before this was saved. Sign in, then save again.
        </Text>
      )}
      {error !== null && !isAtFields && !isSignedOut && !(isConflict && theirs !== undefined) && (
        <FaultList
          error={error}
          title={base === undefined ? 'Could not save the connection' : 'Could not save your changes'}
          faults={others}
          onRetry={problem?.isPassing === true ? onRetry : undefined}
        />
      )}
    </div>
  );
}

interface FaultListProps {
  readonly error: Error;
  readonly title: string;
  /** The errors that belong to no field of the form. */
  readonly faults: readonly ProblemFault[];
  readonly onRetry?: (() => void) | undefined;
}

/** A failure with the errors that belong to no field. */
export function FaultList({ error, title, faults, onRetry }: FaultListProps) {
  return (
    <Failure error={error} title={title} onRetry={onRetry}>
      {faults.length > 0 && (
        <ul className={classes.errors}>
          {faults.map(({ pointer, code, message }) => (
            <li key={`${pointer} ${code}`}>{message}</li>
          ))}
        </ul>
      )}
    </Failure>
  );
}

interface ConflictNoticeProps {
  readonly vendor: Vendor;
  /** The version that the form started with. */
  readonly before: Connection;
  /** The version that another user saved. */
  readonly theirs: Connection;
  /** The paths of what was changed here. */
  readonly mine: ReadonlySet<string>;
  readonly onKeepMine: () => void;
  readonly onDiscardMine: () => void;
}

/** Shows what another user changed. Nothing that was typed here is lost. */
function ConflictNotice({ vendor, before, theirs, mine, onKeepMine, onDiscardMine }: ConflictNoticeProps) {
  const changes = differences(vendor, before, theirs);
  return (
    <section className={classes.conflict} aria-labelledby="conflict" role="alert">
      <IconUsers size={18} aria-hidden className={classes.conflictIcon} />
      <div className={classes.conflictContent}>
        <Text id="conflict" fw={600} size="sm">
          Someone else changed this connection
        </Text>
        <Text size="sm" mb="sm">
          Another version was saved <RelativeTime at={theirs.updatedAt} />. Your changes are still below and are not
          saved.
        </Text>
        {changes.length > 0 && (
          <Facts>
            {changes.map(({ path, label, value }) => (
              <Fact key={path} name={label}>
                {value}
                {mine.has(path) && <span className={classes.both}> · you changed this too; saving replaces it</span>}
              </Fact>
            ))}
          </Facts>
        )}
        <Group gap="xs" mt="md">
          <Button size="xs" onClick={onKeepMine}>
            Keep my changes
          </Button>
          <Button size="xs" variant="default" onClick={onDiscardMine}>
            Discard my changes
          </Button>
        </Group>
      </div>
    </section>
  );
}

import { Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Problem } from '../../api/problem.ts';
import type { Connection, Vendor } from '../../api/types.ts';
import { ConflictNotice } from './conflict-notice.tsx';
import { changedPaths } from './differences.ts';
import { FaultList } from './fault-list.tsx';
import classes from './form-notices.module.css';
import { initialValues } from './form-values.ts';
import { faultsIn, placeFaults } from './place-faults.ts';
import type { ConnectionForm } from './use-connection-form.ts';

export interface FormNoticesProps {
  readonly vendor: Vendor;
  readonly connectionForm: ConnectionForm;
  /** What somebody else saved, where it is at odds with what was changed here. */
  readonly theirs: Connection | undefined;
  readonly error: Error | null;
  readonly onRetry: () => void;
  readonly onKeepMine: (theirs: Connection) => void;
  readonly onDiscardMine: (theirs: Connection) => void;
}

/** Why a form is not saved, as far as no field of it is about that; brought into sight. */
export function FormNotices(props: FormNoticesProps) {
  const { vendor, connectionForm, theirs, error, onRetry, onKeepMine, onDiscardMine } = props;
  const { form, base, shown } = connectionForm;
  const place = useRef<HTMLDivElement>(null);
  const { others, atFields } = placeFaults(faultsIn(error), shown);
  const isAtFields = others.length === 0 && Object.keys(atFields).length > 0;
  const problem = error instanceof Problem ? error : undefined;
  const isOutrun = problem?.status === 412;
  const isSignedOut = problem?.status === 401;

  // Who saves looks at the button, far below.
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
        <Text size="sm" role="alert" className={classes.again}>
          Your session ended before this was saved. Once you are signed in again, save again.
        </Text>
      )}
      {error !== null && !isAtFields && !isSignedOut && !(isOutrun && theirs !== undefined) && (
        <FaultList
          error={error}
          title={base === undefined ? 'The connection is not saved' : 'Your changes are not saved'}
          faults={others}
          onRetry={problem?.isPassing === true ? onRetry : undefined}
        />
      )}
    </div>
  );
}

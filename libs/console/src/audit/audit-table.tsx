import { Link } from '@tanstack/react-router';
import type { ApiKey, AuditEntry } from '../api/types.ts';
import type { AuditSearch } from '../app/search.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { DataRow, DataTable, DataTableSkeleton, focusWhenRendered } from '../ui/table/data-table.tsx';
import { actorInWords, AUDIT_ACTIONS, subjectInWords } from './audit-words.ts';
import classes from './audit.module.css';

const TABLE = {
  label: 'Audit entries',
  columns: ['Action', 'About', 'Changed', 'By', 'Time'],
  className: classes.table,
} as const;

interface AuditTableProps {
  /** Which the links keep. */
  readonly filter: AuditSearch;
  readonly entries: readonly AuditEntry[];
  /** The API keys that are not revoked. */
  readonly keys: readonly ApiKey[];
  /** While those of another filter are being loaded. */
  readonly isStale: boolean;
}

export function AuditTable({ filter, entries, keys, isStale }: AuditTableProps) {
  return (
    <DataTable {...TABLE} isStale={isStale}>
      {entries.map((entry) => (
        <AuditRow key={entry.id} filter={filter} entry={entry} keys={keys} />
      ))}
    </DataTable>
  );
}

export function AuditTableSkeleton() {
  return <DataTableSkeleton {...TABLE} rows={8} />;
}

interface AuditRowProps {
  readonly filter: AuditSearch;
  readonly entry: AuditEntry;
  readonly keys: readonly ApiKey[];
}

/** One entry. Its actor and its connection lead to all of theirs. */
function AuditRow({ filter, entry, keys }: AuditRowProps) {
  const { id, action, actor, subject, connectionName, fields, happenedAt } = entry;
  const about = subjectInWords(entry, keys);
  const who = actorInWords(actor, keys);
  const changed = fields.join(', ');
  return (
    <DataRow>
      <td role="cell">{AUDIT_ACTIONS[action]}</td>
      <td role="cell" data-column="About">
        {connectionName === null ? (
          <span title={subject}>{about}</span>
        ) : (
          <Link
            to="/audit"
            search={{ ...filter, connection: subject }}
            className={classes.link}
            title={`Show only entries about ${about}`}
          >
            {about}
          </Link>
        )}
      </td>
      <td role="cell" data-column="Changed" className={classes.changed} title={changed === '' ? undefined : changed}>
        {changed}
      </td>
      <td role="cell" data-column="By">
        <Link
          id={rowLinkId(id)}
          to="/audit"
          search={{ ...filter, actor }}
          className={classes.link}
          title={`Show only entries of ${actor}`}
        >
          {who}
        </Link>
      </td>
      <td role="cell" data-column="Time">
        <RelativeTime at={happenedAt} />
      </td>
    </DataRow>
  );
}

/** The element id of a link in an entry's row. */
function rowLinkId(entryId: string): string {
  return `audit-${entryId}`;
}

/** Focuses the row of an entry as soon as it is rendered. */
export function focusRow(entryId: string): void {
  focusWhenRendered(rowLinkId(entryId));
}

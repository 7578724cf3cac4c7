import Database from 'better-sqlite3';

/** A fault that is injected once, before or after SQLite has run a statement that starts with `statement`. */
export interface Fault {
  readonly statement: string;
  readonly when: 'before' | 'after';
  readonly code: string;
  /** How often it happens; once by default. */
  readonly times?: number;
}

let fault: Fault | undefined;
let left = 0;

/** The next statement that matches fails. */
export function injectFault(next: Fault): void {
  fault = next;
  left = next.times ?? 1;
}

/** How often the fault has not happened yet. */
export function remainingFaults(): number {
  return left;
}

function strike(sql: string, when: Fault['when']): void {
  if (fault === undefined || left === 0 || fault.when !== when || !sql.startsWith(fault.statement)) return;
  left--;
  throw new Database.SqliteError('injected', fault.code);
}

/** better-sqlite3 with faults, for the option `driver` of a data source. */
export class FlakySqlite extends Database {
  override prepare(sql: string): any {
    const statement = super.prepare(sql);
    const run = statement.run.bind(statement);
    statement.run = (...values: unknown[]) => {
      strike(sql, 'before');
      const result = run(...values);
      strike(sql, 'after');
      return result;
    };
    return statement;
  }

  override exec(sql: string): this {
    strike(sql, 'before');
    super.exec(sql);
    strike(sql, 'after');
    return this;
  }
}

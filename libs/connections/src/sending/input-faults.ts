import { type FieldError, jsonPointer, type MemberPath } from '@score-crm/adapter-kit';
import { InvalidInputError } from '../connections/errors.ts';

const MAX_ERRORS = 100;

/** What is wrong with an input, gathered while it is read. */
export class InputFaults {
  private readonly found: FieldError[] = [];

  /** Returns what a reader gives back that has nothing to give. */
  add(path: MemberPath, code: string, message: string): undefined {
    if (this.found.length < MAX_ERRORS) this.found.push({ pointer: jsonPointer(...path), code, message });
    return undefined;
  }

  /** @throws InvalidInputError that names every fault */
  throwIfAny(): void {
    if (this.found.length > 0) throw new InvalidInputError(this.found);
  }
}

/** A record of a CSV file: one line, or several if a quoted field contains line breaks. */
interface CsvRecord {
  /** The number of its first line, from 1. */
  readonly line: number;
  /** Undefined if it is longer than `MAX_RECORD`, such as after a quote that is never closed. */
  readonly fields: readonly string[] | undefined;
}

/** What a line has in the column of addresses. */
export interface ListedAddress {
  readonly line: number;
  /** Undefined if the line could not be read. */
  readonly text: string | undefined;
}

/** Characters of a record. What is longer is skipped, so that the memory does not depend on the contents of a file. */
const MAX_RECORD = 64 * 1024;
const SEPARATORS = [',', ';', '\t'] as const;
/** The names of the column in files of other programs, in lower case. */
const HEADERS: ReadonlySet<string> = new Set(['email', 'e-mail', 'email address', 'email_address', 'address']);

/**
 * Reads the addresses of a CSV file while it arrives, those of each chunk together. If the first record has a column `email` or
 * `address` (see `HEADERS`), the addresses are in that column, otherwise in the first column of every record. Fields are separated by commas, semicolons or tabs, and may be quoted as in RFC 4180. Empty lines are skipped.
 * @param bytes UTF-8
 */
export async function* readAddresses(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly ListedAddress[], undefined> {
  const decoder = new TextDecoder();
  const reader = new AddressReader();
  for await (const chunk of bytes) yield [...reader.read(decoder.decode(chunk, { stream: true }))];
  yield [...reader.read(`${decoder.decode()}\n`)];
}

class AddressReader {
  /** Undefined until the first record was read. */
  private column: number | undefined;
  private records: CsvReader | undefined;
  /** The text before there is a whole line. */
  private start = '';

  *read(text: string): Generator<ListedAddress, undefined> {
    if (this.records === undefined) {
      // The first line decides about the separator.
      this.start += text;
      if (!/[\r\n]/.test(this.start) && this.start.length < MAX_RECORD) return;
      this.records = new CsvReader(separatorOf(this.start));
      [text, this.start] = [this.start, ''];
    }
    for (const record of this.records.read(text)) {
      const address = this.addressOf(record);
      if (address !== undefined) yield address;
    }
  }

  private addressOf({ line, fields }: CsvRecord): ListedAddress | undefined {
    if (fields === undefined) return { line, text: undefined };
    if (this.column === undefined) {
      const header = fields.findIndex((field) => HEADERS.has(field.trim().toLowerCase()));
      this.column = Math.max(header, 0);
      if (header !== -1) return undefined;
    }
    const text = (fields[this.column] ?? '').trim();
    const isEmpty = text === '' && fields.every((field) => field.trim() === '');
    return isEmpty ? undefined : { line, text: withoutGuard(text) };
  }
}

function separatorOf(text: string): string {
  const [line = ''] = text.split(/[\r\n]/, 1);
  const counts = SEPARATORS.map((separator) => line.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ',';
}

const [QUOTE, CARRIAGE_RETURN, LINE_FEED] = ['"', '\r', '\n'];

/** Splits text into records, character by character: a chunk may end anywhere. */
class CsvReader {
  private line = 1;
  private firstLine = 1;
  private fields: string[] = [];
  private field = '';
  private length = 0;
  /** `closing`: after a quote within a quoted field, which ends it unless another one follows. */
  private state: 'plain' | 'quoted' | 'closing' = 'plain';
  private isSkipping = false;
  private isAfterReturn = false;

  constructor(private readonly separator: string) {}

  *read(text: string): Generator<CsvRecord, undefined> {
    for (const character of text) {
      const isBreak = character === LINE_FEED || character === CARRIAGE_RETURN;
      // A return and a line feed are one line break.
      const isSecondHalf = character === LINE_FEED && this.isAfterReturn;
      this.isAfterReturn = character === CARRIAGE_RETURN;
      if (isSecondHalf) {
        if (this.state === 'quoted') this.append(character);
        continue;
      }
      if (isBreak) this.line++;
      if (isBreak && this.state !== 'quoted') {
        yield this.endRecord();
      } else if (!this.isSkipping) {
        this.take(character);
      }
    }
  }

  private take(character: string): void {
    if (this.state === 'quoted') {
      if (character === QUOTE) this.state = 'closing';
      else this.append(character);
    } else if (this.state === 'closing' && character === QUOTE) {
      this.state = 'quoted';
      this.append(character);
    } else if (character === this.separator) {
      this.endField();
    } else if (character === QUOTE && this.field === '') {
      this.state = 'quoted';
    } else {
      this.append(character);
    }
  }

  private append(character: string): void {
    this.field += character;
    this.length++;
    if (this.length <= MAX_RECORD) return;
    this.isSkipping = true;
    this.state = 'plain';
    this.field = '';
    this.fields = [];
  }

  private endField(): void {
    this.fields.push(this.field);
    this.length++;
    this.field = '';
    this.state = 'plain';
  }

  private endRecord(): CsvRecord {
    const line = this.firstLine;
    this.endField();
    const fields = this.isSkipping ? undefined : this.fields;
    this.firstLine = this.line;
    this.fields = [];
    this.length = 0;
    this.isSkipping = false;
    return { line, fields };
  }
}

/** Characters with which spreadsheets begin a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** One line of a CSV file. A field that a spreadsheet would run as a formula begins with an apostrophe. */
export function csvLine(fields: readonly (string | null)[]): string {
  return `${fields.map((field) => csvField(field ?? '')).join(',')}\r\n`;
}

function csvField(field: string): string {
  const safe = FORMULA.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Without the apostrophe that `csvLine` has written. */
function withoutGuard(text: string): string {
  return /^'[=+\-@]/.test(text) ? text.slice(1) : text;
}

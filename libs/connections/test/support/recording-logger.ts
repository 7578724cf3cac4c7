import type { LoggerService } from '@nestjs/common';

/** Keeps every line, with its level before it. */
export class RecordingLogger implements LoggerService {
  readonly lines: string[] = [];

  log(message: unknown): void {
    this.lines.push(`log ${String(message)}`);
  }

  warn(message: unknown): void {
    this.lines.push(`warn ${String(message)}`);
  }

  error(message: unknown): void {
    this.lines.push(`error ${String(message)}`);
  }

  get errors(): string[] {
    return this.lines.filter((line) => line.startsWith('error '));
  }
}

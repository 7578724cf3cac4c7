import classes from './status.module.css';

export type Tone = 'ok' | 'bad' | 'warn' | 'neutral' | 'accent';

export interface StatusProps {
  readonly tone: Tone;
  readonly children: string;
}

/** A state as a word and a colored dot, never as a color alone. */
export function Status({ tone, children }: StatusProps) {
  return (
    <span className={classes.status} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      {children}
    </span>
  );
}

import { ValidateBy } from 'class-validator';

export interface TextRule {
  /** Unique among the rules of a property. */
  readonly name: string;
  readonly code: string;
  /** What is wrong with a text and what to do; undefined if nothing is. */
  readonly problem: (text: string) => string | undefined;
  /** Whether it is a rule for each item of a list. */
  readonly each?: boolean;
}

/** Accepts text that has no problem. Unlike the rules of class-validator, it has a code and one message for each problem. */
export function SatisfiesText({ name, code, problem, each = false }: TextRule): PropertyDecorator {
  return ValidateBy(
    {
      name,
      validator: {
        validate: (value) => typeof value === 'string' && problem(value) === undefined,
        defaultMessage: (given) => problem(String(given?.value)) ?? '',
      },
    },
    { each, context: { code } },
  );
}

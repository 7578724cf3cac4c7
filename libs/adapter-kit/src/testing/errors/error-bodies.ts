import type { Context } from '../bench/context.ts';

interface ErrorBody {
  readonly body: string;
  readonly what: string;
}

/** Bodies that an error may have: the vendor's own, and those of a gateway in between. */
export function errorBodies({ subject }: Context, words: string, status: number): readonly ErrorBody[] {
  const own = subject.errorBody?.(words, status);
  return [
    ...(own === undefined ? [] : [{ body: own, what: 'the vendor’s body' }]),
    { body: JSON.stringify(everyForm(words)), what: 'JSON' },
    { body: `<html><body><h1>${words}</h1></body></html>`, what: 'HTML' },
    { body: JSON.stringify({ errors: [null, 7, { message: 7 }, words] }), what: 'JSON of another shape' },
    { body: '{"errors":{"a":[]},"error":null,"message":{},"data":[]}', what: 'JSON of a third shape' },
    { body: 'null', what: 'null' },
    { body: '', what: 'no body' },
  ];
}

/** The text at every place where an API may have it. */
function everyForm(words: string): object {
  const one = { message: words, description: words, detail: words, title: words, code: '1000' };
  return { ...one, error: words, errors: [one], data: { message: words, errors: { field: words } } };
}

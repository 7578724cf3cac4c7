/** What a promise rejects with; an error where it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const outcome: unknown = await promise.then(
    () => new Error('It did not fail.'),
    (error: unknown) => error,
  );
  return outcome as Error;
}

/** The errors of an InvalidInputError or InvalidQueryError, as pointer and code. */
export async function faultsOf(promise: Promise<unknown>): Promise<string[]> {
  const error = (await failureOf(promise)) as Error & { errors?: readonly { pointer: string; code: string }[] };
  if (error.errors === undefined) throw error;
  return error.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

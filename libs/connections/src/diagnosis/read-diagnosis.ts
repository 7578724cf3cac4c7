import type { Diagnosis } from '@score-crm/adapter-kit';

/**
 * What an adapter answered, as plain data: a scrubber does not look into instances of classes.
 * @throws TypeError if it is no diagnosis, or cannot be written as JSON.
 */
export function readDiagnosis(answer: unknown): Diagnosis {
  const plain = JSON.parse(JSON.stringify(answer) ?? 'null') as Partial<Diagnosis> | null;
  if (typeof plain?.ok !== 'boolean' || !Array.isArray(plain.stages))
    throw new TypeError('The answer is no diagnosis.');
  return plain as Diagnosis;
}

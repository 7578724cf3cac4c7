// MySQL and MariaDB fail on what is not ASCII in an ASCII column, and compare `acme` and `acme ` as equal.
const ORGANISATION = /^[\x21-\x7e]{1,64}$/;

/**
 * An organisation's id, as it may meet the database.
 * @throws TypeError if it would not mean the same organisation in every database.
 */
export function organisationKey(organisation: string): string {
  if (ORGANISATION.test(organisation)) return organisation;
  throw new TypeError('An organisation is 1 to 64 visible ASCII characters without spaces.');
}

// MySQL and MariaDB fail on what is not ASCII in an ASCII column, and compare `acme` and `acme ` as equal.
const ORGANIZATION = /^[\x21-\x7e]{1,64}$/;

/**
 * An organization's id, as it may meet the database.
 * @throws TypeError if it would not mean the same organization in every database.
 */
export function organizationKey(organization: string): string {
  if (ORGANIZATION.test(organization)) return organization;
  throw new TypeError('An organization is 1 to 64 visible ASCII characters without spaces.');
}

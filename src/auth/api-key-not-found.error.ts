export class ApiKeyNotFoundError extends Error {
  override readonly name = 'ApiKeyNotFoundError';

  constructor() {
    super('Your organization has no API key with this id.');
  }
}

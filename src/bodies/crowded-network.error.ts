/** One address is sending more unauthenticated bodies than there is memory for. */
export class CrowdedNetworkError extends Error {
  override readonly name = 'CrowdedNetworkError';

  constructor() {
    super('Too many bodies are arriving from this address. Send fewer at a time.');
  }
}

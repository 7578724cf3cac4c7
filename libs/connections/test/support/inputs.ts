export const API_KEY = 'fake-api-key/+"ü% 0123456789';

/** What creates a connection of the fake vendor. */
export function fakeConnection(settings: Readonly<Record<string, unknown>> = {}) {
  return {
    name: 'Relay',
    vendor: 'fake',
    fromEmail: 'news@sender.example',
    fromName: 'News',
    settings: { apiKey: API_KEY, ...settings },
  };
}

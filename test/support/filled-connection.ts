import type { ConsoleUnderTest } from './console.ts';

const SCENARIOS = ['click', 'bounce', 'softbounce', 'block', 'complaint', 'unsubscribe'];

/** Adds tests that passed and failed, a webhook, events of every scenario, usages, and a suppressed address. */
export async function fillConnection(console: ConsoleUnderTest, id: string): Promise<void> {
  const call = (method: string, path: string, body?: object) =>
    console.service.call(method, `/api/v1/connections/${id}${path}`, body === undefined ? {} : { body });
  await call('PATCH', '', { fromEmail: 'news@elsewhere.example' });
  await call('POST', '/test', { to: ['ada@recipient.example'] });
  await call('PATCH', '', { fromEmail: 'news@sender.example', fromName: 'Example News' });
  await call('POST', '/test', { to: ['ada@recipient.example'] });
  await call('POST', '/webhook/registration');
  await call('PUT', '/usages/campaign/42', { name: 'Spring sale', status: 'running' });
  await call('PUT', '/usages/journey/7', { name: 'Welcome', status: 'completed' });
  for (const scenario of SCENARIOS) {
    const to = [{ email: `${scenario}@recipient.example` }];
    await call('POST', '/messages', { to, subject: 'Hello', html: '<a href="https://x.example">x</a>' });
  }
  await console.sandboxes.settled();
  const suppression = { body: { address: 'eve@recipient.example', note: 'Asked by phone' } };
  await console.service.call('POST', '/api/v1/suppressions', suppression);
}

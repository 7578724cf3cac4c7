/** Creates a connection to each sandbox through the public API, and registers its webhook if the vendor has an API for that. */
export async function connectAll({ url, key }, sandboxes, sender) {
  const call = async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path} returned ${answer.status}: ${JSON.stringify(json)}`);
    return json;
  };
  const connections = [];
  for (const { vendor, displayName } of (await call('GET', '/vendors')).data) {
    const sandbox = sandboxes.byVendor.get(vendor);
    if (sandbox === undefined) continue;
    const name = `${displayName} (sandbox)`;
    const { settings } = sandbox;
    // The same addresses bounce at every vendor, again and again.
    const body = { name, vendor, fromEmail: sender, settings, checkSuppressions: false };
    const { id } = await call('POST', '/connections', body);
    const { registration } = await call('GET', `/connections/${id}/webhook`);
    if (registration.supported) await call('POST', `/connections/${id}/webhook/registration`);
    connections.push({ id, name, vendor, sandbox, hasWebhook: registration.supported });
  }
  return connections;
}

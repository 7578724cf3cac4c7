/** Test messages are marked, so that nobody takes one for a campaign. */
export function testMessage(connectionName: string): { subject: string; text: string } {
  return {
    subject: `[TEST] ${connectionName}`,
    text: [
      `This is a test message of the connection “${connectionName}” in Score CRM.`,
      '',
      'It arrived, so the connection can send. Nobody has to answer it.',
      '',
    ].join('\n'),
  };
}

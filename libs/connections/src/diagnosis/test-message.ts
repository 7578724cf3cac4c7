/** Builds the test message, marked so that it is not mistaken for a campaign. */
export function testMessage(connectionName: string): { subject: string; text: string } {
  return {
    subject: `[TEST] ${connectionName}`,
    text: [
      `This is a test message of the connection “${connectionName}” in Score CRM.`,
      '',
      'It arrived, so sending works. No reply needed.',
      '',
    ].join('\n'),
  };
}

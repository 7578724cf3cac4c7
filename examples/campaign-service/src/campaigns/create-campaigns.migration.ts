import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCampaigns1770000000001 implements MigrationInterface {
  readonly name = 'CreateCampaigns1770000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE campaigns (
      id varchar(36) PRIMARY KEY NOT NULL, name varchar(200) NOT NULL, subject varchar(200) NOT NULL, text text NOT NULL,
      connectionIds text NOT NULL, status varchar(10) NOT NULL, launchAt datetime)`);
    await runner.query(`CREATE TABLE campaign_recipients (
      campaignId varchar(36) NOT NULL, position integer NOT NULL, email varchar(254) NOT NULL, connectionId varchar(36) NOT NULL,
      state varchar(10) NOT NULL, reason varchar(500), PRIMARY KEY (campaignId, position))`);
    await runner.query(
      'CREATE INDEX ix_campaign_recipients_state ON campaign_recipients (campaignId, connectionId, state, position)',
    );
    await runner.query(`CREATE TABLE campaign_events (
      campaignId varchar(36) NOT NULL, email varchar(254) NOT NULL, kind varchar(12) NOT NULL,
      PRIMARY KEY (campaignId, kind, email))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['campaign_events', 'campaign_recipients', 'campaigns'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

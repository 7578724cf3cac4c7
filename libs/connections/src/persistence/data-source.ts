export type { DataSource as ConnectionsDataSource } from 'typeorm';

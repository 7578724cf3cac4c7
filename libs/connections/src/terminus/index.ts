export { ConnectionsHealthIndicator } from './connections-health.indicator.ts';

export {
  createClusterTransport,
  DEFAULT_TIMEOUT_MS,
  MAX_CONNECTIONS,
  type ClusterRequestReport,
  type ClusterTransport,
  type ClusterTransportOptions,
} from './node/cluster-transport.ts'
export { nodeTokenHash } from './node/node-token-hash.ts'
export {
  inClusterTransportOptions,
  SERVICE_ACCOUNT_DIRECTORY,
  type InClusterTransportOptions,
} from './node/in-cluster.ts'

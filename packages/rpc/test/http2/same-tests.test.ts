import { useTransport } from '../transport.ts'

// Whatever is tested of a server on grpc-js holds on http2 too.
useTransport('http2')
await import('../connection.test.ts')
await import('../connection-injector.test.ts')
await import('../drain.test.ts')
await import('../health-service.test.ts')
await import('../identity.test.ts')
await import('../interop.test.ts')
await import('../limits.test.ts')
await import('../observed.test.ts')
await import('../retry-info.test.ts')
await import('../wire.test.ts')

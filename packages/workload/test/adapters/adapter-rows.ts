import type { AdapterRow } from './adapter-row.ts'
import { grpcRow } from './grpc-row.ts'
import { http2Row } from './http2-row.ts'
import { httpsRow } from './https-row.ts'
import { tlsRow } from './tls-row.ts'
import { undiciRow } from './undici-row.ts'

/** Every adapter. */
export const adapterRows: readonly AdapterRow[] = [tlsRow, httpsRow, http2Row, undiciRow, grpcRow]

import { createMtlsDispatcher } from '@meshid/workload/undici'
import { Agent, type buildConnector, request } from 'undici'
import { type AdapterRow, seenCode } from './adapter-row.ts'
import { startHttpsServer } from './https-row.ts'

/** `https.Server` and undici. */
export const undiciRow: AdapterRow = {
  name: 'undici',
  alpnProtocols: ['http/1.1'],
  startServer: startHttpsServer,
  createClient({ port, source, trust }) {
    const dispatcher = createMtlsDispatcher({ source, trust, pool: { connections: 8 } })
    return {
      async ask() {
        const { body } = await request(`https://127.0.0.1:${port}/`, { dispatcher })
        return body.text()
      },
      close: () => dispatcher.destroy(),
    }
  },
  async askForeign(port, identity) {
    const connect = { ...(identity as buildConnector.BuildOptions), rejectUnauthorized: false }
    const dispatcher = new Agent({ connect, allowH2: false })
    try {
      const { body } = await request(`https://127.0.0.1:${port}/`, { dispatcher })
      return await body.text()
    } catch (error) {
      return seenCode(error)
    } finally {
      await dispatcher.destroy()
    }
  },
}

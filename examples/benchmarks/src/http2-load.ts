import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Frame types and flags. @see RFC 9113 section 6 */
const frame = { data: 0, headers: 1, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const
const flag = { ack: 1, endStream: 1, endHeaders: 4 } as const
const HEADER_BYTES = 9
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const INITIAL_WINDOW = 65_535
const LARGEST_WINDOW = 2 ** 31 - 1
/** A gRPC message has a flag and its length before it. */
const PREFIX_BYTES = 5

function frameOf(type: number, flags: number, payload: Uint8Array, stream = 0): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length)
  bytes.writeUIntBE(payload.length, 0, 3)
  bytes[3] = type
  bytes[4] = flags
  bytes.writeUInt32BE(stream, 5)
  bytes.set(payload, HEADER_BYTES)
  return bytes
}

const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value, 'latin1')])

/** The headers of a call, put into the table of the connection by its first call (RFC 7541 section 6.2.1). */
function firstHeaders(path: string): Buffer {
  const [authority, contentType] = [text('localhost'), text('application/grpc')]
  const te = Buffer.concat([text('te'), text('trailers')])
  return Buffer.concat([
    Buffer.of(0x83, 0x86, 0x44),
    text(path),
    Buffer.of(0x41),
    authority,
    Buffer.of(0x5f),
    contentType,
    Buffer.of(0x40),
    te,
  ])
}

/** The same by their places in that table (RFC 7541 section 6.1). */
const laterHeaders = Buffer.of(0x83, 0x86, 0xc1, 0xc0, 0xbf, 0xbe)

/** One HTTP/2 connection that does only what a load needs, so that the client takes little of the machine. */
class LoadConnection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #window = INITIAL_WINDOW
  #nextStream = 1
  #open = 0
  #left = 0
  readonly #answered = new Set<number>()
  #headers: Buffer
  #nextMessage: () => Uint8Array = () => new Uint8Array()
  #atOnce = 1
  #done: () => void = () => undefined
  #failed: (reason: Error) => void = () => undefined

  constructor(socket: Socket, path: string) {
    this.#socket = socket
    this.#headers = firstHeaders(path)
    const settings = Buffer.alloc(6)
    settings.writeUInt16BE(4, 0) // SETTINGS_INITIAL_WINDOW_SIZE
    settings.writeUInt32BE(LARGEST_WINDOW, 2)
    const window = Buffer.alloc(4)
    window.writeUInt32BE(LARGEST_WINDOW - INITIAL_WINDOW)
    socket.write(
      Buffer.concat([
        Buffer.from(PREFACE),
        frameOf(frame.settings, 0, settings),
        frameOf(frame.windowUpdate, 0, window),
      ]),
    )
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('error', (error) => this.#failed(error))
  }

  /** Makes calls, some at once, and resolves when each has been answered with a message. */
  run(calls: number, atOnce: number, nextMessage: () => Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#left = calls
      this.#atOnce = atOnce
      this.#nextMessage = nextMessage
      this.#done = resolve
      this.#failed = reject
      this.#fill()
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #fill(): void {
    this.#socket.cork()
    while (this.#left > 0 && this.#open < this.#atOnce && this.#window > 0x4000) {
      this.#left -= 1
      this.#open += 1
      this.#send(this.#nextMessage())
    }
    this.#socket.uncork()
    if (this.#left === 0 && this.#open === 0) this.#done()
  }

  #send(message: Uint8Array): void {
    const stream = this.#nextStream
    this.#nextStream += 2
    const payload = Buffer.alloc(PREFIX_BYTES + message.length)
    payload.writeUInt32BE(message.length, 1)
    payload.set(message, PREFIX_BYTES)
    this.#window -= payload.length
    this.#socket.write(frameOf(frame.headers, flag.endHeaders, this.#headers, stream))
    this.#socket.write(frameOf(frame.data, flag.endStream, payload, stream))
    this.#headers = laterHeaders
  }

  #onData(chunk: Buffer): void {
    const bytes = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bytes.readUIntBE(at, 3)
      if (end > bytes.length) break
      this.#onFrame(
        bytes[at + 3] ?? 0,
        bytes[at + 4] ?? 0,
        bytes.readUInt32BE(at + 5),
        bytes.subarray(at + HEADER_BYTES, end),
      )
      at = end
    }
    this.#received = bytes.subarray(at)
    this.#fill()
  }

  #onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === frame.data && payload.length > PREFIX_BYTES) this.#answered.add(stream)
    if (type === frame.settings && (flags & flag.ack) === 0) {
      this.#socket.write(frameOf(frame.settings, flag.ack, new Uint8Array()))
    }
    if (type === frame.ping && (flags & flag.ack) === 0) this.#socket.write(frameOf(frame.ping, flag.ack, payload))
    if (type === frame.windowUpdate && stream === 0) this.#window += payload.readUInt32BE(0)
    if (type === frame.goaway)
      this.#failed(new Error(`expected answers, found GOAWAY ${payload.toString('latin1', 8)}`))
    if (stream !== 0 && type <= frame.headers && (flags & flag.endStream) !== 0) this.#onEnd(stream)
  }

  /** A call that failed ends without a message. */
  #onEnd(stream: number): void {
    this.#open -= 1
    if (!this.#answered.delete(stream)) this.#failed(new Error('expected an answer to each call, found a refusal'))
  }
}

/** A client that keeps some connections to a server busy. */
export interface Load {
  /** Makes so many unary calls, and resolves when each of them was answered; rejects when one is refused. */
  run(calls: number, nextMessage: () => Uint8Array): Promise<void>
  close(): void
}

export interface LoadOptions {
  readonly port: number
  /** Of the method. */
  readonly path: string
  readonly connections?: number
  /** Calls at once on each connection. */
  readonly atOnce?: number
}

/** Connects to a gRPC server in plain text. */
export async function createLoad({ port, path, connections = 4, atOnce = 16 }: LoadOptions): Promise<Load> {
  const all = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      await once(socket, 'connect')
      return new LoadConnection(socket, path)
    }),
  )
  const share = (calls: number, index: number): number => Math.floor((calls + index) / all.length)
  return {
    async run(calls, nextMessage) {
      await Promise.all(all.map((connection, index) => connection.run(share(calls, index), atOnce, nextMessage)))
    },
    close: () => all.forEach((connection) => connection.close()),
  }
}

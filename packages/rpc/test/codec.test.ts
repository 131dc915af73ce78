import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import {
  type CertifyRequest,
  type CertifyResponse,
  healthServiceDefinition,
  identityServiceDefinition,
} from '@meshid/rpc'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CertifyRequestSchema, CertifyResponseSchema } from '../src/generated/io/linkerd/proxy/identity/identity_pb.ts'

const { certify } = identityServiceDefinition
const { check } = healthServiceDefinition
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('identity wire', () => {
  test('a request has identity 1, token 2, certificate_signing_request 3', () => {
    const request = { identity: 'a', token: Uint8Array.of(1), certificateSigningRequest: Uint8Array.of(2, 3) }
    const bytes = certify.requestSerialize(request)
    expect(hex(bytes)).toBe('0a0161_120101_1a020203'.replaceAll('_', ''))
    expect(certify.requestDeserialize(bytes)).toEqual(request)
  })

  test('a response has leaf_certificate 1, intermediate_certificates 2, valid_until 3', () => {
    const response = {
      leafCertificate: Uint8Array.of(1),
      intermediateCertificates: [Uint8Array.of(2), Uint8Array.of(3)],
      validUntil: new Date(1_500),
    }
    const bytes = certify.responseSerialize(response)
    expect(hex(bytes)).toBe('0a0101_120102_120103_1a08_0801_1080cab5ee01'.replaceAll('_', ''))
    expect(certify.responseDeserialize(bytes)).toEqual(response)
  })

  test('an empty message is a request with nothing in it, for the handler to refuse', () => {
    const empty = { identity: '', token: new Uint8Array(), certificateSigningRequest: new Uint8Array() }
    expect(certify.requestDeserialize(Buffer.alloc(0))).toEqual(empty)
  })

  test.each([
    ['a field that is not known', '0a0161_2001_120101_1a020203'],
    ['a field twice, of which the last counts', '120107_0a0162_0a0161_120101_1a020203'],
    ['lengths that are longer than they need be', '0a8100_61_12818000_01_1a8200_0203'],
    ['the fields in another order', '1a020203_120101_0a0161'],
  ])('a request with %s is the same request', (_what, text) => {
    const request = { identity: 'a', token: Uint8Array.of(1), certificateSigningRequest: Uint8Array.of(2, 3) }
    expect(certify.requestDeserialize(Buffer.from(text.replaceAll('_', ''), 'hex'))).toEqual(request)
  })

  test('an identity that is no ASCII is read, and one that is no UTF-8 is no message', () => {
    expect(certify.requestDeserialize(Buffer.from('0a02c3a9', 'hex')).identity).toBe('é')
    expect(() => certify.requestDeserialize(Buffer.from('0a01e9', 'hex'))).toThrow()
  })

  test('whatever the bytes are, they are read as the library reads them', () => {
    const library = (bytes: Uint8Array): CertifyRequest => {
      const { identity, token, certificateSigningRequest } = fromBinary(CertifyRequestSchema, bytes)
      return { identity, token, certificateSigningRequest }
    }
    const outcome = (read: () => CertifyRequest) => {
      try {
        return read()
      } catch {
        return 'no message'
      }
    }
    const field = fc.tuple(fc.constantFrom(0x0a, 0x12, 0x1a, 0x20, 0x08, 0x22), fc.uint8Array({ maxLength: 300 }))
    const fields = fc.array(field, { maxLength: 5 }).map((all) =>
      Buffer.concat(
        all.map(([tag, bytes]) => {
          const { length } = bytes
          const prefix = length < 128 ? [tag, length] : [tag, (length % 128) | 128, length >> 7]
          return Buffer.concat([Buffer.from(prefix), bytes])
        }),
      ),
    )
    const request = fc
      .record({ identity: fc.string(), token: fc.uint8Array(), certificateSigningRequest: fc.uint8Array() })
      .map((record) => certify.requestSerialize(record))
    const cut = fc.tuple(fields, fc.nat(20)).map(([bytes, end]) => bytes.subarray(0, bytes.length - end))
    fc.assert(
      fc.property(fc.oneof(fields, request, cut, fc.uint8Array()), (bytes) => {
        const message = Buffer.from(bytes)
        expect(outcome(() => certify.requestDeserialize(message))).toEqual(
          outcome(() => library(Uint8Array.from(bytes))),
        )
      }),
    )
  })

  test('fields are plain bytes, whose slice copies', () => {
    const bytes = certify.requestSerialize({
      identity: '',
      token: Uint8Array.of(7),
      certificateSigningRequest: new Uint8Array(),
    })
    const { token } = certify.requestDeserialize(bytes)
    expect(token.constructor).toBe(Uint8Array)
  })

  test.each(['0a05', '12ff', 'ffffffffffffffffffffff', '07'])('bytes that are no message throw: %s', (bytes) => {
    expect(() => certify.requestDeserialize(Buffer.from(bytes, 'hex'))).toThrow()
  })

  test('valid_until missing, out of range or with impossible nanoseconds throws', () => {
    const decode = (text: string) => certify.responseDeserialize(Buffer.from(text, 'hex'))
    expect(() => decode('0a0101')).toThrow('expected valid_until in the response, found none')
    expect(() => decode('1a0708ffffffffff7f')).toThrow(RangeError)
    expect(() => decode('1a06108094ebdc03')).toThrow('found 0 s and 1000000000 ns')
    expect(() => decode('1a0b10ffffffffffffffffff01')).toThrow('found 0 s and -1 ns')
  })

  test('an invalid or unrepresentable date throws', () => {
    const encode = (validUntil: Date) => certify.responseSerialize({ ...empty, validUntil })
    const empty = { leafCertificate: new Uint8Array(), intermediateCertificates: [] }
    expect(() => encode(new Date(Number.NaN))).toThrow('expected a valid Date')
    expect(() => encode(new Date('+010000-01-01T00:00:00Z'))).toThrow(RangeError)
    expect(() => encode(new Date('0000-12-31T23:59:59.999Z'))).toThrow(RangeError)
  })

  test('every response survives the wire, to the millisecond', () => {
    const bytes = fc.uint8Array({ maxLength: 40 })
    const range = {
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }
    const responses: fc.Arbitrary<CertifyResponse> = fc.record({
      leafCertificate: bytes,
      intermediateCertificates: fc.array(bytes, { maxLength: 4 }),
      validUntil: fc.date(range),
    })
    fc.assert(
      fc.property(responses, (response) => {
        expect(certify.responseDeserialize(certify.responseSerialize(response))).toEqual(response)
      }),
    )
  }, 60_000)

  test('a response is written as the generated message writes it', () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    const date = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    const of = fc.record({
      leafCertificate: bytes,
      intermediateCertificates: fc.array(bytes, { maxLength: 4 }),
      validUntil: fc.oneof(date, fc.constantFrom(new Date(0), new Date(-1), new Date(1000), new Date(-1000))),
    })
    fc.assert(
      fc.property(of, (response) => {
        const message = { ...response, validUntil: timestampFromDate(response.validUntil) }
        const expected = toBinary(CertifyResponseSchema, create(CertifyResponseSchema, message))
        expect(hex(certify.responseSerialize(response))).toBe(hex(expected))
      }),
    )
  }, 60_000)

  test.each([0, 1, 127, 128, 16_383, 16_384, 70_000])('a leaf of %d bytes survives the wire', (length) => {
    const leafCertificate = new Uint8Array(length).fill(7)
    const response = { leafCertificate, intermediateCertificates: [], validUntil: new Date(0) }
    expect(certify.responseDeserialize(certify.responseSerialize(response))).toEqual(response)
  })

  test('every request survives the wire', () => {
    const bytes = fc.uint8Array({ maxLength: 40 })
    const requests = fc.record({
      identity: fc.string({ unit: 'binary' }),
      token: bytes,
      certificateSigningRequest: bytes,
    })
    fc.assert(
      fc.property(requests, (request) => {
        expect(certify.requestDeserialize(certify.requestSerialize(request))).toEqual(request)
      }),
    )
  }, 60_000)
})

describe('health wire', () => {
  test('has service 1 and status 1', () => {
    expect(hex(check.requestSerialize({ service: 'a' }))).toBe('0a0161')
    expect(check.requestDeserialize(Buffer.alloc(0))).toEqual({ service: '' })
    expect(hex(check.responseSerialize('NOT_SERVING'))).toBe('0802')
    expect(check.responseDeserialize(Buffer.from('0801', 'hex'))).toBe('SERVING')
  })

  test('a status that the protocol does not define is UNKNOWN', () => {
    expect(check.responseDeserialize(Buffer.from('0863', 'hex'))).toBe('UNKNOWN')
    expect(check.responseDeserialize(Buffer.alloc(0))).toBe('UNKNOWN')
  })
})

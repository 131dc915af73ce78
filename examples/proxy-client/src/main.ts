export const name = 'proxy-client'

export const name = 'identity-server'

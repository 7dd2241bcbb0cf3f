/** Numbers of the Linux ABI, the same on x64 and arm64. */
export const linux = {
  AF_INET6: 10, SOCK_DGRAM: 2, SOCK_CLOEXEC: 0x8_0000, SHUT_RDWR: 2,
  SOL_SOCKET: 1, SO_SNDBUF: 7, SO_RCVBUF: 8, SO_REUSEPORT: 15, SO_SNDBUFFORCE: 32, SO_RCVBUFFORCE: 33, SO_ATTACH_REUSEPORT_CBPF: 51, SO_MEMINFO: 55,
  IPPROTO_IPV6: 41, IPV6_V6ONLY: 26, SOL_UDP: 17, UDP_SEGMENT: 103, UDP_GRO: 104,
  MSG_DONTWAIT: 0x40, MSG_WAITFORONE: 0x1_0000,
  EINTR: 4, EIO: 5, EAGAIN: 11, EACCES: 13, EINVAL: 22, EMSGSIZE: 90, ENOPROTOOPT: 92, EAFNOSUPPORT: 97, EADDRINUSE: 98, EADDRNOTAVAIL: 99,
} as const

/** Sizes in bytes of what is passed to the kernel, on 64-bit machines. */
export const sizes = { sockaddrIn6: 28, mmsghdr: 64, iovec: 16, cmsghdr: 16 } as const

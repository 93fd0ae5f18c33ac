/* What is built of lwIP: UDP over IPv4 with ARP, ICMP echo and DHCP. No TCP, no fragments, no
 * threads; all memory is static. */
#ifndef SEK_HAL_LWIP_LWIPOPTS_H
#define SEK_HAL_LWIP_LWIPOPTS_H

#define NO_SYS                     1
#define SYS_LIGHTWEIGHT_PROT       0
#define LWIP_NETCONN               0
#define LWIP_SOCKET                0
#define LWIP_IPV6                  0
#define LWIP_TCP                   0
#define LWIP_RAW                   0
#define LWIP_DHCP                  1
#define LWIP_DHCP_DOES_ACD_CHECK   0
#define LWIP_DNS                   0
#define LWIP_IGMP                  0
#define LWIP_STATS                 1
#define LINK_STATS                 0
#define ETHARP_STATS               0
#define IP_STATS                   0
#define ICMP_STATS                 0
#define UDP_STATS                  0
#define MEM_STATS                  0
#define MEMP_STATS                 1 /* lwip_net_packets */
#define LWIP_NETIF_STATUS_CALLBACK 0
#define LWIP_NETIF_HOSTNAME        0
#define IP_REASSEMBLY              0
#define IP_FRAG                    0
#define IP_FORWARD                 0
#define IP_OPTIONS_ALLOWED         0
#define LWIP_CHKSUM_ALGORITHM      2
#define LWIP_NOASSERT              1
#define ETHARP_TRUST_IP_MAC        0
#define ARP_TABLE_SIZE             8
#define ARP_QUEUEING               0
#define MEM_ALIGNMENT              4
#define MEM_SIZE                   4096
#define MEMP_NUM_UDP_PCB           2
#define MEMP_NUM_PBUF              8
#define PBUF_POOL_SIZE             8
#define PBUF_POOL_BUFSIZE          1536
#define LWIP_SINGLE_NETIF          1
#define LWIP_SUPPORT_CUSTOM_PBUF   0

#endif

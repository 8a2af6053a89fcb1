/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/tap.h"

#include <base/string.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define TUN_DEVICE "/dev/net/tun"

static int open_queue(const struct tap_request *request, const char *name,
                      char out_name[TAP_NAME_SIZE], struct hvk_error *err)
{
    auto_fd int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        hvk_error_errno(err, errno,
                        "open %s for a network interface (without privileges, use type='user')",
                        TUN_DEVICE);
        return -1;
    }
    struct ifreq frame = {.ifr_flags =
                              (short)(IFF_TAP | IFF_NO_PI | (request->offload ? IFF_VNET_HDR : 0) |
                                      (request->queues > 1 ? IFF_MULTI_QUEUE : 0))};
    snprintf(frame.ifr_name, sizeof frame.ifr_name, "%s", name);
    if (ioctl(fd, TUNSETIFF, &frame) < 0) {
        hvk_error_errno(err, errno, "make the network interface '%s'", name);
        return -1;
    }
    memcpy(out_name, frame.ifr_name, TAP_NAME_SIZE);
    return TAKE_FD(fd);
}

static bool request_on(int control, const char *name, unsigned long command, struct ifreq *frame,
                       const char *attempt, struct hvk_error *err)
{
    snprintf(frame->ifr_name, sizeof frame->ifr_name, "%s", name);
    return ioctl(control, command, frame) >= 0 ||
           hvk_error_errno(err, errno, "%s '%s'", attempt, name);
}

/* A bridge takes the lowest address of its ports for its own: the host's end gets a high one. */
static bool set_mac(int control, const char *name, const uint8_t *mac, struct hvk_error *err)
{
    struct ifreq frame = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};
    memcpy(frame.ifr_hwaddr.sa_data, mac, 6);
    frame.ifr_hwaddr.sa_data[0] = (char)0xfe;
    return request_on(control, name, SIOCSIFHWADDR, &frame,
                      "set the address of the network interface", err);
}

static bool join_bridge(int control, const char *name, const char *bridge, struct hvk_error *err)
{
    struct ifreq frame = {0};
    snprintf(frame.ifr_name, sizeof frame.ifr_name, "%s", name);
    if (ioctl(control, SIOCGIFINDEX, &frame) < 0)
        return hvk_error_errno(err, errno, "find the network interface '%s'", name);
    struct ifreq port = {.ifr_ifindex = frame.ifr_ifindex};
    snprintf(port.ifr_name, sizeof port.ifr_name, "%s", bridge);
    return ioctl(control, SIOCBRADDIF, &port) >= 0 ||
           hvk_error_errno(err, errno, "add the network interface '%s' to the bridge '%s'", name,
                           bridge);
}

static bool set_up(int control, const char *name, struct hvk_error *err)
{
    struct ifreq frame = {0};
    if (!request_on(control, name, SIOCGIFFLAGS, &frame, "read the flags of the network interface",
                    err))
        return false;
    frame.ifr_flags |= IFF_UP;
    return request_on(control, name, SIOCSIFFLAGS, &frame, "bring up the network interface", err);
}

static bool configure(const struct tap_request *request, const char *name, struct hvk_error *err)
{
    auto_fd int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0)
        return hvk_error_errno(err, errno, "open a socket to configure '%s'", name);
    struct ifreq mtu = {.ifr_mtu = (int)request->mtu};
    if (request->mac && !set_mac(control, name, request->mac, err))
        return false;
    if (request->mtu > 0 &&
        !request_on(control, name, SIOCSIFMTU, &mtu, "set the MTU of the network interface", err))
        return false;
    return (!request->bridge || join_bridge(control, name, request->bridge, err)) &&
           set_up(control, name, err);
}

bool tap_open(const struct tap_request *request, int *fds, char name[TAP_NAME_SIZE],
              struct hvk_error *err)
{
    const char *wanted = request->name ? request->name : "vnet%d";
    if (strlen(wanted) >= TAP_NAME_SIZE)
        return hvk_error_set(err, HVK_ERR_INVALID_ARG,
                             "'%s' is too long for a network interface's name", wanted);
    uint32_t opened = 0;
    for (; opened < request->queues; opened++) {
        fds[opened] = open_queue(request, opened ? name : wanted, name, err);
        if (fds[opened] < 0)
            break;
    }
    if (opened == request->queues && (request->existing || configure(request, name, err)))
        return true;
    while (opened > 0)
        close(fds[--opened]);
    return false;
}

/* The first process of the emulated switch: brings the board up and starts the agent.
 *
 * Closes the chip's debug ports and host bridges, as a boot loader does on a real board, loads
 * /modules/ in the order of their names, announces the parts listed in /etc/parts (lines
 * "TYPE BUS ADDRESS", for example "24c32 82 0x50"), gives eth0 the guest address of QEMU's user
 * network, mounts the file system in flash on /data, then runs /sekisho-agent on the console
 * with the lines of /etc/agent.args and what follows "--" on the kernel's command line.
 * When the agent ends, so does the machine (QEMU: -no-reboot). A step that fails is told and
 * skipped: a switch with one dead bus must still be asked about the others. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONSOLE    "/dev/ttyS0"
#define AGENT      "/sekisho-agent"
#define ADDRESS    "10.0.2.15" /* QEMU's user network: the first guest, its gateway */
#define GATEWAY    "10.0.2.2"
#define NETMASK    "255.255.255.0"
#define ARGS_MAX   32
#define LINE_LEN   256
#define PATH_LEN   512
#define SCU        0x1e6e2000 /* AST2600: system control unit */
#define SCU_LEN    0x1000
#define SCU_KEY    0x1688a8a8 /* into 000 and 010: what follows may be written */
#define LINK_WAITS 50         /* of 100 ms each: the PHY is probed behind our back */

static void complain(const char *what, const char *which)
{
    printf("init: %s %s: %s\n", what, which, strerror(errno));
}

static void mount_one(const char *type, const char *source, const char *where, unsigned long flags)
{
    (void)mkdir(where, 0755);
    if (mount(source, where, type, flags, NULL) != 0)
        complain("mount", where);
}

/* Debug control 1 and 2: P2A, debug UARTs, both XDMA, LPC to AHB; a bit that is set closes. */
static void close_bridges(void)
{
    int fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
    void *window = MAP_FAILED;

    if (fd >= 0)
        window = mmap(NULL, SCU_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, SCU);
    if (window == MAP_FAILED) {
        complain("close", "debug ports");
    } else {
        volatile uint32_t *scu = window;

        scu[0x000 / 4] = SCU_KEY;
        scu[0x010 / 4] = SCU_KEY;
        scu[0x0c8 / 4] |= 0x107;
        scu[0x0d8 / 4] |= 0x00a;
        (void)munmap(window, SCU_LEN);
    }
    if (fd >= 0)
        (void)close(fd);
}

static int is_module(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void load_modules(void)
{
    struct dirent **entries = NULL;
    int count = scandir("/modules", &entries, is_module, alphasort);

    for (int i = 0; i < count; i++) {
        char path[PATH_LEN];
        (void)snprintf(path, sizeof path, "/modules/%s", entries[i]->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST))
            complain("module", path);
        if (fd >= 0)
            (void)close(fd);
        free(entries[i]);
    }
    free(entries);
}

/* The board's device tree names no EEPROMs: user space announces them, as on the real switch. */
static void announce_parts(void)
{
    FILE *list = fopen("/etc/parts", "re");
    char type[16], address[16];
    unsigned bus;

    if (!list)
        return;
    while (fscanf(list, "%15s %u %15s", type, &bus, address) == 3) {
        char path[PATH_LEN];
        (void)snprintf(path, sizeof path, "/sys/bus/i2c/devices/i2c-%u/new_device", bus);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || dprintf(fd, "%s %s\n", type, address) < 0)
            complain("part", path);
        if (fd >= 0)
            (void)close(fd);
    }
    (void)fclose(list);
}

static struct sockaddr ipv4(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr out;

    (void)inet_pton(AF_INET, text, &in.sin_addr);
    memcpy(&out, &in, sizeof out);
    return out;
}

static int interface_up(int fd, const char *name, const char *address)
{
    struct ifreq request = {.ifr_flags = 0};

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    request.ifr_addr = ipv4(address);
    if (ioctl(fd, SIOCSIFADDR, &request) != 0)
        return -1;
    request.ifr_netmask = ipv4(NETMASK);
    if (ioctl(fd, SIOCSIFNETMASK, &request) != 0)
        return -1;
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    return ioctl(fd, SIOCSIFFLAGS, &request);
}

static void bring_up_network(void)
{
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    route.rt_dst = ipv4("0.0.0.0");
    route.rt_genmask = ipv4("0.0.0.0");
    route.rt_gateway = ipv4(GATEWAY);
    if (fd < 0 || interface_up(fd, "lo", "127.0.0.1") != 0)
        complain("network", "lo");
    for (int tries = 0; fd >= 0; tries++) {
        if (interface_up(fd, "eth0", ADDRESS) == 0)
            break;
        if (tries == LINK_WAITS) {
            complain("network", "eth0");
            break;
        }
        (void)usleep(100000);
    }
    if (fd >= 0 && ioctl(fd, SIOCADDRT, &route) != 0)
        complain("network", "route");
    if (fd >= 0)
        (void)close(fd);
}

/* The number of the MTD partition of that label, or -1; one that does not fit the chip has size 0
 * and counts as missing. */
static int find_mtd(const char *label)
{
    FILE *list = fopen("/proc/mtd", "re");
    char line[LINE_LEN], name[64];
    int number, found = -1;
    unsigned size;

    while (list && found < 0 && fgets(line, sizeof line, list)) {
        if (sscanf(line, "mtd%d: %x %*x \"%63[^\"]\"", &number, &size, name) == 3 && size > 0 &&
            strcmp(name, label) == 0)
            found = number;
    }
    if (list)
        (void)fclose(list);
    return found;
}

/* Where the real board keeps its files; a board with small chips has only the second chip. */
static void mount_data(void)
{
    static const char *const labels[] = {"data0", "flash1"};

    (void)mkdir("/data", 0755);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        char device[32];
        int number = find_mtd(labels[i]);

        (void)snprintf(device, sizeof device, "/dev/mtdblock%d", number);
        if (number >= 0 && mount(device, "/data", "ext4", MS_SYNCHRONOUS | MS_NOATIME, NULL) == 0)
            return;
    }
    printf("init: no file system in flash; /data is memory\n");
    mount_one("tmpfs", "none", "/data", 0);
}

/* A test's stand-in for what alters flash once a gate has let the system start: the first byte of
 * the partition that /etc/spoil names. */
static void spoil(void)
{
    char label[64] = "", device[32];
    FILE *list = fopen("/etc/spoil", "re");
    int number, fd;

    if (!list)
        return;
    if (fscanf(list, "%63s", label) != 1)
        label[0] = '\0';
    (void)fclose(list);
    number = find_mtd(label);
    (void)snprintf(device, sizeof device, "/dev/mtdblock%d", number);
    fd = open(device, O_WRONLY | O_SYNC | O_CLOEXEC);
    if (fd < 0 || write(fd, "", 1) != 1 || fsync(fd) != 0)
        complain("spoil", label);
    if (fd >= 0)
        (void)close(fd);
}

static void say_system(void)
{
    struct utsname system;

    if (uname(&system) == 0)
        printf("init: %s %s on %s\n", system.sysname, system.release, system.machine);
}

static void take_console(void)
{
    int fd = open(CONSOLE, O_RDWR | O_NOCTTY);

    if (fd < 0)
        return;
    for (int std = 0; std < 3; std++)
        (void)dup2(fd, std);
    if (fd > 2)
        (void)close(fd);
    (void)setvbuf(stdout, NULL, _IONBF, 0);
}

static void run_agent(int argc, char **argv)
{
    static char lines[ARGS_MAX][LINE_LEN];
    char *args[ARGS_MAX + 1] = {AGENT};
    int count = 1;
    FILE *list = fopen("/etc/agent.args", "re");

    while (list && count < ARGS_MAX && fgets(lines[count], LINE_LEN, list)) {
        lines[count][strcspn(lines[count], "\n")] = '\0';
        args[count] = lines[count];
        count++;
    }
    for (int i = 1; i < argc && count < ARGS_MAX; i++)
        args[count++] = argv[i];
    if (list)
        (void)fclose(list);
    (void)setsid();
    (void)ioctl(STDIN_FILENO, TIOCSCTTY, 1);
    (void)chdir("/data");
    execv(AGENT, args);
    complain("start", AGENT);
    _exit(127);
}

int main(int argc, char **argv)
{
    int status = 0;

    mount_one("devtmpfs", "none", "/dev", 0);
    take_console();
    say_system();
    mount_one("proc", "none", "/proc", 0);
    mount_one("sysfs", "none", "/sys", 0);
    mount_one("tmpfs", "none", "/run", 0);
    mount_one("tmpfs", "none", "/tmp", 0);
    close_bridges();
    load_modules();
    announce_parts();
    mount_data();
    spoil();
    bring_up_network();

    pid_t agent = fork();
    if (agent == 0)
        run_agent(argc, argv);
    printf("init: agent started\n");
    while (wait(&status) != agent || errno == EINTR)
        errno = 0;
    printf("init: agent ended with status 0x%x\n", (unsigned)status);
    sync();
    (void)reboot(RB_AUTOBOOT);
    return 1;
}

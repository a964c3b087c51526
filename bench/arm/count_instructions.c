/*
 * A plugin of qemu-user that counts the instructions that each thread of the emulated program executes. A program reads
 * the count by a call of umask() with a number above 0: for each call the plugin writes a line to QEMU's log,
 *
 *     umask NUMBER INSTRUCTIONS      instructions that the calling thread has executed since it began
 *
 * Why umask(): the call is quick, harmless, and available in every language; its argument is in a register.
 * QEMU counts a block of instructions as a whole when it begins: the count at a call includes the block that ends with it.
 *
 * The declarations are those of QEMU's plugin interface, version 1 (QEMU 6.0 to 8.1; docs/devel/tcg-plugins.rst), which
 * Debian has no package for. The plugin uses no C library, so that a compiler alone builds it.
 */
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
#define MAX_THREADS 256
/* The number of the system call on 64-bit ARM (asm-generic/unistd.h). */
#define UMASK 166
#define NO_REGISTERS 0

typedef uint64_t plugin_id;
struct plugin_info;
struct block;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct block *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct block *, void (*)(unsigned, void *), int, void *);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id, void (*)(plugin_id, unsigned, int64_t, uint64_t, uint64_t, uint64_t,
    uint64_t, uint64_t, uint64_t, uint64_t, uint64_t));
size_t qemu_plugin_tb_n_insns(const struct block *);
void qemu_plugin_outs(const char *);

EXPORT int qemu_plugin_version = 1;

/* By QEMU's index of the thread. No other thread writes the same element. */
static uint64_t executed[MAX_THREADS];

static void on_execution(unsigned thread, void *instructions)
{
    if (thread < MAX_THREADS) executed[thread] += (uintptr_t)instructions;
}

static void on_translation(plugin_id id, struct block *block)
{
    void *instructions = (void *)(uintptr_t)qemu_plugin_tb_n_insns(block);
    qemu_plugin_register_vcpu_tb_exec_cb(block, on_execution, NO_REGISTERS, instructions);
}

/* Writes a number in decimal digits and returns the end. */
static char *decimal(char *to, uint64_t number)
{
    char digits[20];
    int count = 0;
    do digits[count++] = '0' + number % 10;
    while (number /= 10);
    while (count) *to++ = digits[--count];
    return to;
}

static void on_syscall(plugin_id id, unsigned thread, int64_t call, uint64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
    uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7)
{
    if (call != UMASK || number == 0 || thread >= MAX_THREADS) return;
    char line[64] = "umask ";
    char *end = decimal(line + 6, number);
    *end++ = ' ';
    end = decimal(end, executed[thread]);
    *end++ = '\n';
    *end = 0;
    qemu_plugin_outs(line);
}

EXPORT int qemu_plugin_install(plugin_id id, const struct plugin_info *info, int count, char **arguments)
{
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    return 0;
}

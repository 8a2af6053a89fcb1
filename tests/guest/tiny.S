/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest of a few KiB for tests: a PVH kernel (xen/include/public/arch-x86/hvm/start_info.h) that QEMU
 * loads with -kernel on pc and q35, under KVM (also an interpreting one) and TCG. It sleeps between
 * ticks of the interval timer (100 Hz), so that many of them fit on a small machine.
 *
 * On the first serial port it prints READY, then "tick" every second. It echoes what it is sent; a
 * '!' makes the next byte a command:
 *   i  ignores the power button from now on   a  obeys it again
 *   o  powers off (ACPI S5)                   r  resets (port 0xcf9)
 *   p  panics (pvpanic, port 0x505)           h  halts with interrupts off
 *   t  takes a triple fault                   q  stops the ticking
 *   k  executes iret, which not every KVM that interprets its guests knows, and prints SURVIVED
 */
    .section .note.pvh, "a", @note
    .long 4, 4, 18                  /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .long _start

    .set COM1, 0x3f8
    .set PM1_STATUS, 0x600          /* pc and q35 firmware puts the PM block here */
    .set PM1_ENABLE, 0x602
    .set PM1_CONTROL, 0x604
    .set POWER_BUTTON, 0x100

    .text
    .code32
    .globl _start
_start:
    cli
    mov $stack, %esp
    lgdt gdt_pointer
    ljmp $8, $1f
1:  mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    call set_up_timer
    mov $PM1_ENABLE, %dx            /* the button is latched only when it is enabled */
    mov $POWER_BUTTON, %ax
    out %ax, %dx
    mov $text_ready, %esi
    call print

/* Interrupts are on at the hlt only, so the handler need not return: it drops its frame. (iret is
 * not known to every KVM that interprets its guests.) */
idle:
    sti
    hlt
    jmp idle
woken:
    call poll_serial
    call poll_button
    decl countdown
    jnz idle
    movl $100, countdown
    cmpb $0, quiet
    jne idle
    mov $text_tick, %esi
    call print
    jmp idle

/* ---- the timer: PIT channel 0 through the PIC on vector 0x20 ---- */
set_up_timer:
    mov $timer, %eax
    movw %ax, idt + 0x20 * 8
    movw $8, idt + 0x20 * 8 + 2
    movw $0x8e00, idt + 0x20 * 8 + 4
    shr $16, %eax
    movw %ax, idt + 0x20 * 8 + 6
    lidt idt_pointer
    mov $0x11, %al                  /* both controllers: ICW1 … ICW4, then only IRQ 0 */
    out %al, $0x20
    out %al, $0xa0
    mov $0x20, %al
    out %al, $0x21
    mov $0x28, %al
    out %al, $0xa1
    mov $4, %al
    out %al, $0x21
    mov $2, %al
    out %al, $0xa1
    mov $1, %al
    out %al, $0x21
    out %al, $0xa1
    mov $0xfe, %al
    out %al, $0x21
    mov $0xff, %al
    out %al, $0xa1
    movl $0x1ff, 0xfee000f0         /* local APIC on, LINT0 from the PIC: not every firmware does */
    movl $0x700, 0xfee00350
    mov $0x34, %al                  /* channel 0, rate generator */
    out %al, $0x43
    mov $(11932 & 0xff), %al        /* 1193182 Hz / 11932 = 100 Hz */
    out %al, $0x40
    mov $(11932 >> 8), %al
    out %al, $0x40
    ret

timer:
    add $12, %esp
    mov $0x20, %al
    out %al, $0x20
    jmp woken

/* ---- serial ---- */
poll_serial:
    mov $COM1 + 5, %dx
    in %dx, %al
    test $1, %al
    jz 9f
    mov $COM1, %dx
    in %dx, %al
    cmpb $0, commanded
    jne command
    cmp $'!', %al
    je 1f
    out %al, %dx
    jmp poll_serial
1:  movb $1, commanded
    jmp poll_serial
9:  ret

command:
    movb $0, commanded
    cmp $'i', %al
    je ignore
    cmp $'a', %al
    je obey
    cmp $'q', %al
    je hush
    cmp $'o', %al
    je power_off
    cmp $'r', %al
    je reset
    cmp $'p', %al
    je panic
    cmp $'h', %al
    je halt
    cmp $'t', %al
    je triple_fault
    cmp $'k', %al
    je return_from_nothing
    jmp poll_serial
ignore:
    movb $1, deaf
    mov $text_ignoring, %esi
    call print
    jmp poll_serial
obey:
    movb $0, deaf
    mov $text_obeying, %esi
    call print
    jmp poll_serial
hush:
    movb $1, quiet
    jmp poll_serial
panic:
    mov $text_panic, %esi
    call print
    mov $0x505, %dx
    mov $1, %al
    out %al, %dx
halt:
    cli
    hlt
    jmp halt
reset:
    mov $text_reset, %esi
    call print
    mov $0xcf9, %dx
    mov $2, %al
    out %al, %dx
    mov $6, %al
    out %al, %dx
    jmp halt
return_from_nothing:
    pushf
    push $8
    push $1f
    iret
1:  mov $text_survived, %esi
    call print
    jmp poll_serial
triple_fault:
    lidt nothing_pointer
    int3
    jmp halt

/* ---- ACPI ---- */
poll_button:
    mov $PM1_STATUS, %dx
    in %dx, %ax
    cmp $0xffff, %ax                /* a machine without the block */
    je 9f
    test $POWER_BUTTON, %ax
    jz 9f
    mov $POWER_BUTTON, %ax          /* acknowledge */
    out %ax, %dx
    cmpb $0, deaf
    je power_off
    mov $text_button, %esi
    call print
9:  ret

power_off:
    mov $text_off, %esi
    call print
    mov $PM1_CONTROL, %dx
    mov $0x2000, %ax                /* SLP_EN, SLP_TYP of S5 */
    out %ax, %dx
    jmp halt

/* ---- output ---- */
print:
    lodsb
    test %al, %al
    jz 9f
    mov $COM1, %dx
    out %al, %dx
    jmp print
9:  ret

    .data
    .align 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff        /* 8: flat code */
    .quad 0x00cf93000000ffff        /* 16: flat data */
gdt_pointer:
    .word 23
    .long gdt
idt_pointer:
    .word 0x21 * 8 - 1
    .long idt
nothing_pointer:
    .word 0
    .long 0
countdown:
    .long 100
deaf:
    .byte 0
quiet:
    .byte 0
commanded:
    .byte 0
text_ready:
    .asciz "READY\n"
text_tick:
    .asciz "tick\n"
text_ignoring:
    .asciz "IGNORING\n"
text_obeying:
    .asciz "OBEYING\n"
text_button:
    .asciz "BUTTON\n"
text_panic:
    .asciz "PANIC\n"
text_reset:
    .asciz "RESET\n"
text_survived:
    .asciz "SURVIVED\n"
text_off:
    .asciz "POWEROFF\n"

    .bss
    .align 8
idt:
    .skip 0x21 * 8
    .skip 4096
stack:

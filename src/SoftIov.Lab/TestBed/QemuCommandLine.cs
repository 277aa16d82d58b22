using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Lab.TestBed;

/// <summary>Arguments of a QEMU for one virtual machine: q35, root ports, serial ports, no defaults.</summary>
internal static class QemuCommandLine
{
    // A machine that is emulated on a busy host sees its clocks jump; a kernel that panics reboots, which the agent notices.
    private const string KernelArguments =
        "console=ttyS0 quiet loglevel=5 panic=1 oops=panic mitigations=off nokaslr no_timer_check nowatchdog random.trust_cpu=on " +
        "rcupdate.rcu_cpu_stall_suppress=1 net.ifnames=0";

    /// <summary>All arguments after the program.</summary>
    public static IReadOnlyList<string> Build(GuestBoot boot, Accelerator accelerator, VirtualMachineOptions options, MachineFiles files)
    {
        string memory = string.Create(CultureInfo.InvariantCulture, $"{options.MemoryMegabytes}M");
        List<string> arguments =
        [
            // The name of the process would be the dynamic loader's.
            "-name", $"{options.Name},process=qemu-{options.Name}",
            "-no-user-config", "-nodefaults", "-display", "none",
            "-machine", options.SharedMemory ? "q35,memory-backend=mem" : "q35",
            "-accel", accelerator == Accelerator.Kvm ? "kvm" : "tcg,thread=multi",
            "-cpu", accelerator == Accelerator.Kvm ? "host" : "max",
            "-smp", options.Cpus.ToString(CultureInfo.InvariantCulture),
            "-m", memory,
            .. Start(boot, options),
            "-chardev", $"file,id=console,path={files.Console}", "-serial", "chardev:console",
            "-chardev", $"socket,id=agent,path={files.AgentSocket}", "-serial", "chardev:agent",
            "-qmp", $"unix:{files.OwnMonitor},server=on,wait=off",
            "-qmp", $"unix:{files.OthersMonitor},server=on,wait=off",
        ];
        if (options.SharedMemory)
        {
            arguments.AddRange(["-object", $"memory-backend-memfd,id=mem,size={memory},share=on"]);
        }

        // Before the devices that are behind it. With KVM, interrupts can be remapped only where QEMU delivers them.
        if (options.Iommu)
        {
            arguments.AddRange(["-machine", "kernel-irqchip=split", "-device", "intel-iommu,caching-mode=on,intremap=on"]);
        }

        if (options.IsIncoming)
        {
            arguments.AddRange(["-incoming", "defer"]);
        }

        AddPorts(arguments, options);
        arguments.AddRange(options.QemuArguments);
        return arguments;
    }

    private static string[] Start(GuestBoot boot, VirtualMachineOptions options) => options.Firmware is { } firmware
        ?
        [
            "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={firmware.Code}",
            "-drive", $"if=pflash,unit=1,format=raw,snapshot=on,file={firmware.Variables}",
        ]
        : ["-kernel", boot.Kernel, "-initrd", boot.Initramfs, "-append", KernelCommandLine(options)];

    /// <summary>What the kernel of a guest is told.</summary>
    public static string KernelCommandLine(VirtualMachineOptions options)
    {
        string iommu = options.Iommu ? " intel_iommu=on" : "";
        string root = options.RootDevice is { } device ? $" softiov.root={device}" : "";
        return $"{KernelArguments}{iommu}{root} {options.KernelArguments}".TrimEnd();
    }

    private static void AddPorts(List<string> arguments, VirtualMachineOptions options)
    {
        for (int port = 0; port < options.Devices.Count + options.SparePorts; port++)
        {
            arguments.AddRange(["-device", $"pcie-root-port,id=port{port},chassis={port + 1},slot={port + 1}"]);
        }

        for (int port = 0; port < options.Devices.Count; port++)
        {
            var device = QemuArguments.Device(options.Devices[port].Id, options.Devices[port].Socket);
            device["bus"] = $"port{port}";
            arguments.AddRange(["-device", device.ToJsonString()]);
        }
    }
}

using System.Text.Json;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>Machines whose QEMU has a virtio-net device of its own in front of a VF's rings: with the arguments that softiov prints.</summary>
internal static class VhostRig
{
    /// <summary>Arguments for a machine of the bed, which has memory and a machine type of its own.</summary>
    public static async Task<string[]> ArgumentsAsync(DaemonProcess daemon, VmBed bed, string target)
    {
        string json = await daemon.CheckAsync("attach", target, "--as", "vhost-user", "--qemu", $"{bed.QemuVersion}", "--json");
        string[] all = JsonSerializer.Deserialize<string[]>(json)!;
        return [.. all.Chunk(2).Where(pair => pair[0] is "-chardev" or "-netdev" or "-device").SelectMany(pair => pair)];
    }

    /// <summary>Boots a machine with a VF by vhost-user.</summary>
    public static Task<VirtualMachine> BootAsync(Rig rig, VirtualMachineOptions options, string target) =>
        BootAsync(rig, rig.Bed, options, target);

    /// <summary>The same with another bed.</summary>
    public static async Task<VirtualMachine> BootAsync(Rig rig, VmBed bed, VirtualMachineOptions options, string target) =>
        await rig.BootAsync(
            bed, options with { SparePorts = 0, QemuArguments = [.. await ArgumentsAsync(rig.Daemon, bed, target), .. options.QemuArguments] });
}

using System.Security.Cryptography;
using System.Text;

namespace SoftIov.Daemon.Composition;

/// <summary>Makes identities of adapters from the host's: the same after every restart, and others on every host.</summary>
internal static class HostIdentity
{
    private const string MachineIdPath = "/etc/machine-id";

    /// <summary>32 bytes that belong to <paramref name="what"/> on this host.</summary>
    public static byte[] HashFor(string what)
    {
        string host = File.Exists(MachineIdPath) ? File.ReadAllText(MachineIdPath).Trim() : Environment.MachineName;
        return SHA256.HashData(Encoding.UTF8.GetBytes($"softiov {host} {what}"));
    }

    /// <summary>A UUID made of it (RFC 9562, version 8).</summary>
    public static Guid UuidFor(string what)
    {
        byte[] bytes = HashFor(what)[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}

using System.Runtime.InteropServices;
using SoftIov.Datapath;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>One half of the MAC filter table. A list longer than the table sets the overflow mark: then all such addresses pass.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MacTable
{
    public int Count;
    public int HasOverflow;
    public MacAddresses Addresses;

    /// <summary>Takes one more address in; there is room.</summary>
    public void Add(MacAddress address) => Addresses[Count++] = address.Value;

    /// <summary>The addresses as an immutable list.</summary>
    public readonly MacAddress[] ToArray()
    {
        var list = new MacAddress[Count];
        for (int i = 0; i < list.Length; i++)
            list[i] = new MacAddress(Addresses[i]);
        return list;
    }
}

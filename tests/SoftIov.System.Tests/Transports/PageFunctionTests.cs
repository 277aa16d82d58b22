using System.Buffers.Binary;
using SoftIov.Api;
using SoftIov.Lab.TestBed;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using SoftIov.Transports.VfioUser;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Transports;

/// <summary>What QEMU makes of a function with MSI and a page that can be mapped; the guest has no driver for it, only its registers.</summary>
[Collection(BedCollection.Name)]
public sealed class PageFunctionTests(BedFixture bed, ITestOutputHelper output) : IAsyncDisposable
{
    private const string Device = "page0";

    // Where the guest has the function, and its BAR; memory and bus master are on.
    private const string Prelude = $"""
        f=$(lspci -Dn -d {PagePersonality.Id} | cut -d' ' -f1); test -n "$f" || exit 9
        read base rest </sys/bus/pci/devices/$f/resource; setpci -s $f COMMAND=6

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("softiov-page-");
    private readonly PagePersonality _personality = new();
    private readonly VfioUserServer _server = new(TimeProvider.System);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_guest_writes_the_page_without_a_message_is_interrupted_by_msi_and_the_function_is_unplugged()
    {
        using PciFunction function = PciFunction.Create(
            "page/0", _personality, new DmaDomain(new NoQuiescence(), new DmaFaultLog(16)), new NativeStateStore());
        string path = Path.Combine(_folder.FullName, "page.sock");
        using VfioUserSocket socket = _server.Serve(function.Endpoint, new VfioUserSocketOptions { Path = path });
        await using VirtualMachine machine = await bed.Bed.StartAsync(new VirtualMachineOptions { Devices = [new(Device, path)] });
        output.WriteLine(await machine.CheckAsync($"lspci -vv -d {PagePersonality.Id}"));
        await ExchangeAsync(machine, socket);
        await InterruptAsync(machine, function);

        QmpConnection monitor = await QmpConnection.ConnectAsync(machine.QmpSocket);
        await using (monitor)
            await QemuHotPlug.RemoveAsync(monitor, Device, CancellationToken.None);
        await Eventually.GetAsync(() => Task.FromResult(socket.Attachment), attachment => attachment is null, "detaching");
        Assert.Null(_personality.Memory);

        await machine.HotPlugAsync(new(Device, path));
        await Eventually.GetAsync(
            () => machine.RunAsync($"lspci -n -d {PagePersonality.Id} | grep ."), found => found.Succeeded, "the function in the guest");
        Assert.Equal(0u, Read(4));
        await ExchangeAsync(machine, socket);
        Assert.False(machine.HasExited);
    }

    private async Task ExchangeAsync(VirtualMachine machine, VfioUserSocket socket)
    {
        await machine.CheckAsync(Prelude + "true");
        int writes = _personality.Writes;
        long commands = socket.Counters.Commands;
        Write(8, 0xCAFE_F00D);
        Assert.Equal("0xCAFEF00D\n", await machine.CheckAsync($"""
            f=$(ls -d /sys/bus/pci/devices/*/ | while read d; do grep -q 0x50f2 $d/device && echo $d; done); read base rest <$f/resource
            devmem $((base + {PagePersonality.SharedOffset + 4})) 32 0x12345678; devmem $((base + {PagePersonality.SharedOffset + 8})) 32
            """));
        Assert.Equal(0x1234_5678u, Read(4));
        Assert.Equal((writes, commands), (_personality.Writes, socket.Counters.Commands));

        // The page next to it is trapped as ever.
        await machine.CheckAsync(Prelude + "devmem $((base + 0x2004)) 32 1");
        Assert.Equal(writes + 1, _personality.Writes);
    }

    /// <summary>The guest lets the message go to the shared page, of all places of memory: there it can be seen.</summary>
    private async Task InterruptAsync(VirtualMachine machine, PciFunction function)
    {
        await machine.CheckAsync(Prelude + $"""
            target=$((base + {PagePersonality.SharedOffset + 0x100}))
            setpci -s $f CAP_MSI+4.l=$(printf %x $((target & 0xFFFFFFFF))) CAP_MSI+8.l=$(printf %x $((target >> 32)))
            setpci -s $f CAP_MSI+c.w=40 CAP_MSI+10.l=0 CAP_MSI+2.w=21
            """);
        Assert.True(function.MessagesEnabled);
        function.Fire(3);
        await Eventually.GetAsync(() => Task.FromResult(Read(0x100)), value => value == 0x43, "the message of vector 3");
        await machine.CheckAsync(Prelude + "setpci -s $f CAP_MSI+10.l=2");
        function.Fire(1);
        function.Fire(2);
        await Eventually.GetAsync(() => Task.FromResult(Read(0x100)), value => value == 0x42, "the message of vector 2");
        await machine.CheckAsync(Prelude + "setpci -s $f CAP_MSI+10.l=0");
        await Eventually.GetAsync(() => Task.FromResult(Read(0x100)), value => value == 0x41, "the message of vector 1");
    }

    private uint Read(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_personality.Memory!.Slice(at, sizeof(uint)));

    private void Write(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_personality.Memory!.Slice(at, sizeof(uint)), value);
}

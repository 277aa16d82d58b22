using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Lab.VhostUser;

/// <summary>
/// An IOMMU in front of a back-end's device: a table of pages, which a thread of its own answers misses by. What is not in it is not answered.
/// </summary>
public sealed class FrontEndIommu : IDisposable
{
    /// <summary>Bytes of a page.</summary>
    public const int PageBytes = 4096;

    /// <summary>Permission to read.</summary>
    public const byte Read = 1;

    /// <summary>Permission to write.</summary>
    public const byte Write = 2;

    private const int HeaderLength = 12;
    private const int PayloadLength = 32;
    private const byte Miss = 1;
    private const byte Update = 2;
    private const byte Invalidate = 3;

    private readonly FrontEndChannel _channel;
    private readonly Dictionary<ulong, (ulong User, byte Permissions)> _table = [];
    private readonly UnixStream _ours;
    private readonly UnixStream _theirs;
    private readonly Thread _thread;
    private long _misses;

    /// <summary>Begins to answer, through the channel.</summary>
    public FrontEndIommu(FrontEndChannel channel)
    {
        _channel = channel;
        (_ours, _theirs) = UnixStream.Pair();
        _thread = new Thread(Answer) { IsBackground = true, Name = "iommu" };
        _thread.Start();
    }

    /// <summary>What goes with SET_BACKEND_REQ_FD.</summary>
    public FileDescriptor BackEndsEnd => _theirs.Descriptor;

    /// <summary>Misses that came.</summary>
    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Puts pages into the table.</summary>
    public void Map(ulong iova, long length, ulong user, byte permissions)
    {
        lock (_table)
        {
            for (long at = 0; at < length; at += PageBytes)
                _table[iova + (ulong)at] = (user + (ulong)at, permissions);
        }
    }

    /// <summary>Takes pages out of the table and from the back-end: when it returns that does not touch them.</summary>
    public void Unmap(ulong iova, long length)
    {
        lock (_table)
        {
            for (long at = 0; at < length; at += PageBytes)
                _table.Remove(iova + (ulong)at);
        }

        _channel.Do(FrontEndRequest.IotlbMsg, Message(iova, (ulong)length, 0, 0, Invalidate));
    }

    /// <summary>The payload of an IOTLB message that gives a translation.</summary>
    public static byte[] Translation(ulong iova, ulong length, ulong user, byte permissions) => Message(iova, length, user, permissions, Update);

    /// <inheritdoc/>
    public void Dispose()
    {
        _ours.Shutdown();
        _thread.Join();
        _ours.Dispose();
        _theirs.Dispose();
    }

    private static byte[] Message(ulong iova, ulong length, ulong user, byte permissions, byte kind)
    {
        byte[] payload = new byte[PayloadLength];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, iova);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(8), length);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(16), user);
        (payload[24], payload[25]) = (permissions, kind);
        return payload;
    }

    private void Answer()
    {
        byte[] message = new byte[HeaderLength + PayloadLength];
        while (TryReceive(message))
        {
            Interlocked.Increment(ref _misses);
            ulong iova = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(HeaderLength));
            bool isMiss = BinaryPrimitives.ReadUInt32LittleEndian(message) == 1 && message[HeaderLength + 25] == Miss;
            (ulong User, byte Permissions) found;
            lock (_table)
            {
                if (!isMiss || !_table.TryGetValue(iova, out found))
                    continue;
            }

            try
            {
                _channel.Do(FrontEndRequest.IotlbMsg, Translation(iova, PageBytes, found.User, found.Permissions));
            }
            catch (Exception gone) when (gone is FrontEndException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private bool TryReceive(byte[] message)
    {
        for (int filled = 0; filled < message.Length;)
        {
            IoResult result = _ours.Receive(message.AsSpan(filled));
            if (!result.Ok || result.Bytes == 0)
                return false;
            filled += result.Bytes;
        }

        return true;
    }
}
